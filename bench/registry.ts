// Lists the benches.

import type { Bench } from './bench.ts';
import { analyze } from './analyze.ts';
import { blastRadius } from './blast-radius.ts';
import { compareRunsBench } from './compare-runs.ts';
import { fleetStore } from './fleet-store.ts';
import { gc } from './gc.ts';
import { hosts } from './hosts.ts';
import { deliveryCheck } from './delivery-check.ts';
import { link } from './link.ts';
import { loadgen } from './loadgen.ts';
import { manyTopics } from './many-topics.ts';
import { rehearsal } from './rehearsal.ts';
import { redlineKilled } from './redline-killed.ts';
import { redlineRocketmqKilled } from './redline-rocketmq-killed.ts';
import { redlineRocketmq } from './redline-rocketmq.ts';
import { redline } from './redline.ts';
import { passwords } from './passwords.ts';
import { plan } from './plan.ts';
import { rateSearch } from './rate-search.ts';
import { rendering } from './rendering.ts';
import { scrape } from './scrape.ts';
import { scrapeGrowth } from './scrape-growth.ts';
import { scrapeRocketmq } from './scrape-rocketmq.ts';
import { service } from './service.ts';
import { startup } from './startup.ts';
import { truth } from './truth.ts';
import { truthCause } from './truth-cause.ts';
import { truthLab } from './truth-lab.ts';
import { truthSummary } from './truth-summary.ts';

export const benches = {
  analyze,
  'blast-radius': blastRadius,
  'compare-runs': compareRunsBench,
  'fleet-store': fleetStore,
  gc,
  hosts,
  'delivery-check': deliveryCheck,
  link,
  loadgen,
  'many-topics': manyTopics,
  redline,
  'redline-killed': redlineKilled,
  'redline-rocketmq': redlineRocketmq,
  'redline-rocketmq-killed': redlineRocketmqKilled,
  rehearsal,
  passwords,
  plan,
  'rate-search': rateSearch,
  rendering,
  scrape,
  'scrape-growth': scrapeGrowth,
  'scrape-rocketmq': scrapeRocketmq,
  service,
  startup,
  truth,
  'truth-cause': truthCause,
  'truth-lab': truthLab,
  'truth-summary': truthSummary,
} satisfies Record<string, Bench>;
