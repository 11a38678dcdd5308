// Runs an administrative change of a RocketMQ cluster and prints its state.

import { administerRocketmq, type RocketmqRequest } from '../../app/change/administration/administer-rocketmq.ts';
import type { ChangeRequest } from '../../app/change/run-change.ts';
import { printChange } from '../change/print-change.ts';
import type { CommandIo } from '../command.ts';

/** @returns the exit code of `printChange`. @throws AppError of `administerRocketmq` */
export const changeRocketmq = async <Facts extends object>(
  io: CommandIo<ChangeRequest & { json: boolean }>,
  change: RocketmqRequest<Facts>,
): Promise<number> => printChange(io, await administerRocketmq(io, change));
