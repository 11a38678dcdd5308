// Defines a kind of RocketMQ change that clients notice: its steps on brokers and name servers, and the notice to users.

import type { ChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Clock } from '../../core/clock.ts';
import type { ChangeKind as AnyKind } from '../change/change-kind.ts';
import type { Notice } from '../change/notice.ts';

export interface Tools {
  desk: ChangeDesk;
  clock: Clock;
  /** Brokers and members that will not return, from `--gone`. */
  gone?: readonly string[] | undefined;
}

export interface ChangeKind<Facts extends object> extends AnyKind<Facts, Tools> {
  notice(facts: Facts): Notice;
}
