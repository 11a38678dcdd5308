// Reads a broker's log directories and their replicas.

import { describeLogDirsV1, describeLogDirsV4 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { refusalOf } from '../errors.ts';
import { newestSpoken, type Link } from '../wire/links.ts';

/** @throws AppError when the broker refuses the whole request */
export async function describeLogDirs(link: Link, io: Io) {
  const api = newestSpoken(link, describeLogDirsV4.api, describeLogDirsV1.api);
  const action = 'describe the log directories';
  const { results, errorCode } = await link.askForParts(action, io, api, null);
  const refusal = refusalOf(errorCode, 'DescribeLogDirs');
  if (refusal !== undefined) throw new AppError('broker-refused', `cannot ${action} on ${link.address}: ${refusal}`);
  return results;
}
