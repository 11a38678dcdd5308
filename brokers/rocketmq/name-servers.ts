// How is a question put to whichever name server answers? They know the same, so one after the other.

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient, Request, Response } from './protocol/frame.ts';

export interface NameServers {
  cluster: string;
  client: RemotingClient;
  namesrv: readonly string[];
}

/** @throws AppError broker-unreachable naming all that were tried */
export async function askNameServers<Answer>(
  { cluster, client, namesrv }: NameServers,
  action: string,
  request: Request,
  parse: (response: Response) => Answer,
  io: Io,
): Promise<Answer> {
  const refusals: AppError[] = [];
  for (const address of namesrv) {
    try {
      return await ask(client, { action, address }, request, parse, io);
    } catch (cause) {
      io.signal.throwIfAborted();
      if (!(cause instanceof AppError)) throw cause;
      refusals.push(cause);
    }
  }
  const [first] = refusals;
  if (refusals.length === 1 && first !== undefined) throw first;
  const tried = refusals.map(({ message }) => message).join('; ');
  throw new AppError('broker-unreachable', `cannot reach any name server of cluster ${cluster}: ${tried}`, {
    cause: first,
  });
}
