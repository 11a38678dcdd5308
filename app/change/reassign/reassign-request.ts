// Defines the request of a reassignment, with the names of the options.

import { defined } from '../../../core/defined.ts';
import type { Seconds } from '../../../core/clock.ts';
import type { Caller, CommonRequest } from '../../caller.ts';

/** Controls of a running reassignment. */
export const reassignControls = ['resume', 'abort', 'pause', 'status'] as const;

export type ReassignRequest = CommonRequest &
  Readonly<Record<(typeof reassignControls)[number], boolean>> &
  Readonly<{
    assignment?: string | undefined;
    brokers?: string | undefined;
    sizes?: string | undefined;
    topics?: string | undefined;
    add: readonly number[];
    remove: readonly number[];
    replace?: { from: number; to: number } | undefined;
    'replication-factor'?: number | undefined;
    leaders: boolean;
    tolerance: number | 'off';
    /** Bytes per second. */
    incoming?: number | undefined;
    network?: number | undefined;
    throttle?: number | undefined;
    interval: Seconds;
    'moves-per-broker'?: number | undefined;
    'cut-retention'?: number | undefined;
    'delayed-writes': number | 'off';
    canary?: string | undefined;
  }>;

export type ReassignCaller = Caller<ReassignRequest>;

export const paceOf = ({ incoming, throttle, 'moves-per-broker': movesPerBroker }: ReassignRequest) =>
  defined({ incoming, throttle, movesPerBroker });

export const toleranceOf = ({ tolerance }: ReassignRequest): number => (tolerance === 'off' ? Infinity : tolerance);
