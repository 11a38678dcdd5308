// Names the topics and groups that a run creates with a recognizable prefix that the `loadTest` block allows.

import type { LoadTestGrant } from '../../core/policy/load-test-permission.ts';

/** Used if the cluster's configuration sets no prefix. */
export const defaultPrefix = 'plimsoll-';

/** @param run with the load that its cluster allows, if known; every name the run creates begins with the result */
export const runNamePrefix = ({
  id,
  loadTest,
}: {
  id: string;
  loadTest?: Pick<LoadTestGrant, 'topicPrefix'> | undefined;
}) => `${loadTest?.topicPrefix ?? defaultPrefix}${id}`;
