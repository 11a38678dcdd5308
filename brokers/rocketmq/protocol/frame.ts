// Defines requests, responses and frames of the remoting protocol, and the client that exchanges them.

import type { Io } from '../../driver.ts';

/** Fields are sent as text (`extFields`); absent fields are left out. */
export interface Request {
  code: number;
  fields: Readonly<Record<string, string>>;
  body?: Buffer;
}

/** `code` 0 is success; for other codes `remark` has the reason. */
export interface Response {
  code: number;
  fields: Readonly<Record<string, string>>;
  remark?: string;
  body: Buffer;
}

/** Header of a frame. An answer has the same `opaque` as its request. */
export interface Header {
  code: number;
  opaque: number;
  isResponse: boolean;
  /** Whether the sender expects no answer. */
  isOneWay: boolean;
  fields: Readonly<Record<string, string>>;
  remark?: string;
}

export interface Frame extends Header {
  body: Buffer;
}

/** Connections to name servers, brokers and controllers: one per address, with many concurrent requests on each. */
export interface RemotingClient extends AsyncDisposable {
  /**
   * @throws AppError broker-unreachable or answer-unreadable, with address and cause, or the signal's reason;
   * an answer with any code is a Response
   */
  ask(address: string, request: Request, io: Io): Promise<Response>;
  /** Sends one way; resolves when the frame is written to the socket. */
  tell(address: string, request: Request, io: Io): Promise<void>;
  /** Registers a handler for requests of the peer; requests without an answer are refused with code 3. */
  onRequest(code: number, answer: (request: Request, from: string) => Response | undefined): void;
}
