// Defines the annotations that dashboards draw: load tests, their steps, new verdicts and promotions.

import type { Annotation } from './dashboard.ts';

export const loadTests: Annotation = {
  name: 'Load tests',
  expr: 'max by (run, workload, cluster) (plimsoll_run_info{cluster=~"$cluster"})',
  title: 'Load test {{run}} ({{workload}}) on {{cluster}}',
  color: 'purple',
};

/** Start and end of each step of the selected run. */
export const steps: Annotation = {
  name: 'Steps',
  expr: 'plimsoll_run_step{instance=~"$instance"}',
  title: 'Current step',
  color: 'blue',
};

/** A verdict is new while it is younger than two steps of the annotation. */
export const verdicts: Annotation = {
  name: 'New verdicts',
  expr: 'plimsoll_verdict_age_seconds{cluster=~"$cluster"} < 120',
  title: 'New verdict of {{cluster}}',
  color: 'green',
};

export const promotions: Annotation = {
  name: 'Promotions',
  expr: 'plimsoll_promotion_on == 1',
  title: 'Promotion {{promotion}}',
  color: 'orange',
};
