// How are topics and groups called that a run makes? So that everybody sees whose they are, and the cluster's block allows them.

import type { LoadTestGrant } from '../core/load-test-permission.ts';

/** @param run with what its cluster allows, where that is known; every name the run makes begins with the result */
export const ownName = ({ id, loadTest }: { id: string; loadTest?: Pick<LoadTestGrant, 'topicPrefix'> | undefined }) =>
  `${loadTest?.topicPrefix ?? 'plimsoll-'}${id}`;
