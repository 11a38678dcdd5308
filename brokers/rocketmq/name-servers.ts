// Sends a request to the name servers in turn until one answers.

import { AppError, faultOf } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import type { Io } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient, Request, Response } from './protocol/frame.ts';

export interface NameServers {
  cluster: string;
  client: RemotingClient;
  namesrv: readonly string[];
}

/** They answer from memory: one that hangs leaves time for the next. The last one has all the time there is. */
const within = seconds(2);

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
    const patience = { ...io, ...(address !== namesrv.at(-1) && { within }) };
    try {
      return await ask(client, { action, address }, request, (response) => parse(fromNameServer(response)), patience);
    } catch (cause) {
      refusals.push(faultOf(cause, io));
    }
  }
  const [first] = refusals;
  // A refusal is more informative than a missing answer.
  const telling =
    refusals.find(({ code }) => code !== 'broker-unreachable') ?? (refusals.length === 1 ? first : undefined);
  if (telling !== undefined) throw telling;
  const tried = refusals.map(({ message }) => message).join('; ');
  throw new AppError('broker-unreachable', `cannot reach any name server of cluster ${cluster}: ${tried}`, {
    cause: first,
  });
}

const notSupported = 3;

/** Brokers speak the same protocol, and do not know what name servers are asked. @throws AppError broker-refused */
export function fromNameServer(response: Response): Response {
  if (response.code !== notSupported) return response;
  throw new AppError('broker-refused', 'a RocketMQ broker listens on this port, not a name server', {
    hint: 'clusters.<name>.namesrv needs the addresses of name servers (default port 9876)',
  });
}
