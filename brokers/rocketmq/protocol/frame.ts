// Defines requests, responses and frames of the remoting protocol, and the client that exchanges them.

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

/** What stands before a body. `opaque` is the number that an answer has in common with its request. */
export interface Header {
  code: number;
  opaque: number;
  isResponse: boolean;
  /** No answer is wanted. */
  isOneWay: boolean;
  fields: Readonly<Record<string, string>>;
  remark?: string;
}

export interface Frame extends Header {
  body: Buffer;
}

/** Connections to name servers, brokers and controllers, one per address, many requests on each at once. */
export interface RemotingClient extends AsyncDisposable {
  /**
   * @throws AppError broker-unreachable or answer-unreadable, with address and cause, or the signal's reason;
   * an answer with any code is a Response
   */
  ask(address: string, request: Request, io: Io): Promise<Response>;
  /** One way: resolves when the frame has left. */
  tell(address: string, request: Request, io: Io): Promise<void>;
  /** Calls back for requests the peer sends by itself; unanswered ones are refused with code 3. */
  onRequest(code: number, answer: (request: Request, from: string) => Response | undefined): void;
}
