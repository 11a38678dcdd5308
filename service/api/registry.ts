// Lists the operations of the API, the source of routes and the OpenAPI document.

import type { Operation } from './operation.ts';

export const operations = [
  (await import('./resources/fleet.ts')).fleet,
  (await import('./resources/clusters.ts')).clusters,
  (await import('./resources/cluster.ts')).cluster,
  (await import('./resources/readings.ts')).readings,
  (await import('./resources/instances.ts')).instances,
  (await import('./resources/cluster-entries.ts')).verdicts,
  (await import('./resources/cluster-entries.ts')).tests,
  (await import('./resources/cluster-entries.ts')).forecasts,
  (await import('./resources/cluster-entries.ts')).plans,
  (await import('./resources/what-if.ts')).whatIf,
  (await import('./resources/history.ts')).history,
  (await import('./resources/history-entry.ts')).historyEntry,
  (await import('./resources/reports.ts')).reports,
  (await import('./resources/changes.ts')).changes,
  (await import('./resources/changes.ts')).addChange,
  (await import('./resources/people.ts')).people,
  (await import('./resources/size.ts')).size,
  (await import('./resources/healthz.ts')).healthz,
] as const satisfies readonly Operation[];
