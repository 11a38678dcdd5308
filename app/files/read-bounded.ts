// Reads a file named by a user, up to a size limit.

import { stat } from 'node:fs/promises';
import { AppError, type FaultCode } from '../../core/errors.ts';
import { readUpTo } from '../../core/files.ts';

/** Larger than 200,000 partitions of three replicas in Kafka's format, with long topic names and log_dirs. */
const mostBytes = 64 * 2 ** 20;

interface Bounds {
  most?: number;
  /** Fault code for a path that is not a file, or a file that is too large. */
  fault?: FaultCode;
  /** Fault code for a missing file. */
  missing?: FaultCode;
  hints?: { missing?: string; large?: string };
}

/** @throws AppError not-found, no-permission or the given fault, each with the path */
export async function readBytes(
  path: string,
  { signal }: { signal: AbortSignal },
  { most = mostBytes, fault = 'reassignment-unreadable', missing = 'not-found', hints = {} }: Bounds = {},
): Promise<Buffer> {
  const refusal = (code: FaultCode, why: string, hint: string | undefined, cause?: unknown) =>
    new AppError(code, `cannot read ${path}: ${why}`, { cause, hint });
  try {
    const { size } = await stat(path);
    if (size > most) throw refusal(fault, `it has ${size} bytes, more than ${most}`, hints.large);
    const content = await readUpTo(path, most, { signal });
    if (content.length <= most) return content;
    throw refusal(fault, `it has more than ${most} bytes`, hints.large);
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof AppError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    const pathHint = missing === 'not-found' ? 'check the path' : undefined;
    if (code === 'ENOENT') throw refusal(missing, 'no such file', hints.missing ?? pathHint, cause);
    if (code === 'EACCES') throw refusal('no-permission', 'permission denied', 'run as a user who may read it', cause);
    throw refusal(fault, code === 'EISDIR' ? 'it is a folder' : message, undefined, cause);
  }
}

/** Like `readBytes`, for text. */
export const readBounded = async (path: string, io: { signal: AbortSignal }, bounds?: Bounds): Promise<string> =>
  (await readBytes(path, io, bounds)).toString('utf8');

/** Like `readBytes`, for a file that must be UTF-8; some spreadsheets save other encodings. */
export async function readUtf8(
  path: string,
  io: { signal: AbortSignal },
  bounds: Bounds & { fault: FaultCode },
): Promise<string> {
  const content = await readBytes(path, io, bounds);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (cause) {
    throw new AppError(bounds.fault, `${path} is not UTF-8 text`, {
      cause,
      hint: 'save it as CSV in UTF-8; spreadsheets offer both',
    });
  }
}
