// What is asked of a RocketMQ process and what comes back, before and after the wire?

import type { Io } from '../../driver.ts';

/** Fields travel as text (`extFields`); an absent one is left out. */
export interface Request {
  code: number;
  fields: Readonly<Record<string, string>>;
  body?: Buffer;
}

/** `code` 0 is success; everything else has its reason in `remark`. */
export interface Response {
  code: number;
  fields: Readonly<Record<string, string>>;
  remark?: string;
  body: Buffer;
}

/** Connections to name servers, brokers and controllers, one per address, many requests on each at once. */
export interface RemotingClient extends AsyncDisposable {
  /** @throws AppError broker-unreachable, credentials-refused, tls…; an answer with a code is a Response */
  ask(address: string, request: Request, io: Io): Promise<Response>;
  /** One way: resolves when the frame has left. */
  tell(address: string, request: Request, io: Io): Promise<void>;
  /** Calls back for requests the peer sends by itself; unanswered ones are refused with code 3. */
  onRequest(code: number, answer: (request: Request, from: string) => Response | undefined): void;
}
