// Runs an administrative change of a RocketMQ cluster and prints its state.

import { administerRocketmq, type RocketmqChange } from '../../app/change/administration/administer-rocketmq.ts';
import type { ChangeRequest } from '../../app/change/run-change.ts';
import { printChange } from '../change/print-change.ts';
import type { CommandIo } from '../command.ts';

/** @returns the exit code of `printChange`. @throws AppError of `administerRocketmq` */
export const changeRocketmq = async <Facts extends object>(
  io: CommandIo<ChangeRequest & { json: boolean }>,
  changeWith: RocketmqChange<Facts>,
): Promise<number> => printChange(io, await administerRocketmq(io, changeWith));
