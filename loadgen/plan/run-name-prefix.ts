// Names the topics and groups that a run creates with a recognizable prefix that the `loadTest` block allows.

import type { LoadTestGrant } from '../../core/policy/load-test-permission.ts';

/** Where the config of a cluster names no prefix. */
export const defaultPrefix = 'plimsoll-';

/** @param run with what its cluster allows, where that is known; every name the run makes begins with the result */
export const runNamePrefix = ({
  id,
  loadTest,
}: {
  id: string;
  loadTest?: Pick<LoadTestGrant, 'topicPrefix'> | undefined;
}) => `${loadTest?.topicPrefix ?? defaultPrefix}${id}`;
