// How is one question put to a RocketMQ process, so that its failure says what was tried and where?

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { RemotingClient, Request, Response } from './protocol/frame.ts';

/** What is tried, as `send to orders-0`, and where. */
export interface Attempt {
  action: string;
  address: string;
}

/** @throws AppError as the client and `parse` do, in the words of the attempt */
export async function ask<Answer>(
  client: RemotingClient,
  { action, address }: Attempt,
  request: Request,
  parse: (response: Response) => Answer,
  io: Io,
): Promise<Answer> {
  // Of what cannot be reached or read, the client names the address itself.
  const response = await client.ask(address, request, io);
  try {
    return parse(response);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `cannot ${action} on ${address}: ${cause.message}`, { cause, hint: cause.hint });
  }
}
