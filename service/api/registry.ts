// Lists the operations of the API; routes and the OpenAPI document are made from this list.

import type { Operation } from './operation.ts';
import { addChange, changes } from './resources/changes.ts';
import { cluster } from './resources/cluster.ts';
import { forecasts, plans, tests, verdicts } from './resources/cluster-entries.ts';
import { clusters } from './resources/clusters.ts';
import { fleet } from './resources/fleet.ts';
import { healthz } from './resources/healthz.ts';
import { history } from './resources/history.ts';
import { historyEntry } from './resources/history-entry.ts';
import { instances } from './resources/instances.ts';
import { people } from './resources/people.ts';
import { readings } from './resources/readings.ts';
import { reports } from './resources/reports.ts';
import { size } from './resources/size.ts';
import { whatIf } from './resources/what-if.ts';

export const operations = [
  fleet,
  clusters,
  cluster,
  readings,
  instances,
  verdicts,
  tests,
  forecasts,
  plans,
  whatIf,
  history,
  historyEntry,
  reports,
  changes,
  addChange,
  people,
  size,
  healthz,
] as const satisfies readonly Operation[];
