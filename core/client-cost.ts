// Defines what each client of a cluster uses of its bottleneck, for the page and for `plimsoll get clients --json`.

/** What shares are of: bytes as cards of brokers count them, bytes on disks, or messages where no bytes are known or decide. */
export type SharedBy = 'bytes-in' | 'bytes-out' | 'bytes-stored' | 'messages';

/** By what a client is known: of its name or, where none is known, of where it sends from. */
export type ClientIdentity = 'producer-id' | 'client-id' | 'address' | 'without-id' | 'group';

export interface ClientCost {
  role: 'producer' | 'consumer';
  by: ClientIdentity;
  name: string;
  /** RocketMQ: producer groups of the client. */
  groups?: readonly string[];
  topics: readonly string[];
  messagesPerSecond: number;
  bytesPerSecond?: number;
  requestsPerSecond?: number;
  messagesPerRequest?: number;
  bytesPerRequest?: number;
  /** Plain over packed. */
  compressionRatio?: number;
  /** Since it began to write, at its rate of now. */
  activeSeconds?: number;
  /** Of the use of the limiting resource. */
  share?: number;
  /** Of the safe maximum: its share of what is used of it. */
  shareOfSafeMax?: number;
}

export interface ClientCosts {
  /** What shares are of; `requests` where producers are compared by their requests. */
  by: SharedBy | 'requests';
  /** Largest use first. */
  clients: readonly ClientCost[];
  /** Of the use, which no client could be named for. */
  unattributedShare?: number;
  /** Load of now over the safe maximum. */
  loadOfSafeMax?: number;
}

/** One client as brokers count it: mean of about 10 s, all brokers together. */
export interface CountedUse {
  clientId?: string;
  user?: string;
  producedBytesPerSecond?: number;
  fetchedBytesPerSecond?: number;
  /** Time of network and request handler threads that its requests took, per second. */
  threadSeconds?: number;
  /** Of the thread time of all counted clients. */
  shareOfThreads?: number;
  /** Where cores or threads limit: its share of their time, of what is used of the safe maximum. */
  shareOfSafeMax?: number;
  /** It was slowed down by a quota. */
  isThrottled?: true;
}
