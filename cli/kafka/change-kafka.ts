// Runs an administrative change of a Kafka cluster and prints its state.

import { administerKafka, type KafkaChange } from '../../app/change/administration/administer-kafka.ts';
import type { ChangeRequest } from '../../app/change/run-change.ts';
import { printChange } from '../change/print-change.ts';
import type { CommandIo } from '../command.ts';

/** @returns the exit code of `printChange`. @throws AppError of `administerKafka` */
export const changeKafka = async <Facts extends object>(
  io: CommandIo<ChangeRequest & { json: boolean }>,
  changeWith: KafkaChange<Facts>,
): Promise<number> => printChange(io, await administerKafka(io, changeWith));
