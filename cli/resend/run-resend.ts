// Runs a resend for a command, and prints how far it is.

import { runResend as runRequested, type ResendRequest } from '../../app/change/resend/run-resend.ts';
import type { NamedCluster } from '../../app/observe/named-cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import { hasColours } from '../command-line.ts';
import { printDocument } from '../report.ts';
import type { ResendIo } from './resend-options.ts';
import { resendDocument, resendText } from './resend-text.ts';

/** @returns 0 when planned, done or ended, 6 while something holds it back */
export async function runResend(
  io: ResendIo,
  entry: Pick<NamedCluster, 'name' | 'config' | 'masks'>,
  request: ResendRequest,
): Promise<number> {
  const state = await runRequested(io, entry, request);
  printDocument(io, { schemaVersion: 1, ...resendDocument(state) }, () =>
    resendText(state, { colours: hasColours(io.stdout, io.environment) }),
  );
  return state.status === 'held' ? exitCodes.threshold : exitCodes.answered;
}
