// Names the topics and groups that a run makes, so that everybody sees whose they are and the cluster's block allows them.

import type { LoadTestGrant } from '../../core/policy/load-test-permission.ts';

/** Where the config of a cluster names no prefix. */
export const defaultPrefix = 'plimsoll-';

/** @param run with what its cluster allows, where that is known; every name the run makes begins with the result */
export const ownName = ({ id, loadTest }: { id: string; loadTest?: Pick<LoadTestGrant, 'topicPrefix'> | undefined }) =>
  `${loadTest?.topicPrefix ?? defaultPrefix}${id}`;
