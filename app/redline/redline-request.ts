// Defines the request of `plimsoll redline`, and types shared by its parts.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { ConfiguredHosts } from '../../core/broker-hosts.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { Seconds } from '../../core/clock.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import type { Caller, CommonRequest } from '../caller.ts';
import type { Config } from '../config/config-file.ts';

type RedlineRequest = CommonRequest &
  Readonly<{
    execute: boolean;
    resume: boolean;
    abort: boolean;
    broker: string;
    /** Growth of the led rate per step. */
    step: number;
    /** Absent: the confirmation time of the policy. */
    hold: Seconds | undefined;
    sample: Seconds;
    'max-moves': number;
    topics: readonly string[];
    'ignore-group': readonly string[];
    gone: readonly string[];
    canary: string | undefined;
    out: string | undefined;
    'predicted-by': string | undefined;
  }>;

export type RedlineCaller = Caller<RedlineRequest>;

/** Context of a redline to plan or execute. */
export interface RedlineSetting {
  name: string;
  cluster: ClusterConfig;
  config: Config;
  policy: Policy;
  /** Host by broker: the configured one, else the one with its address. */
  brokerHosts: ConfiguredHosts;
  driver: RedlineDriver;
  stepShare: number;
  holdSeconds: number;
  maxMoves: number;
}
