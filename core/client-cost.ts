// Defines what each client of a cluster uses of its bottleneck, for the page and for `plimsoll get clients --json`.

/** Quantity that shares refer to: bytes on brokers' network cards, bytes on disks, or messages if bytes are unknown or not the limit. */
export type SharedBy = 'bytes-in' | 'bytes-out' | 'bytes-stored' | 'messages';

/** What identifies a client: its name or, if unknown, the address it sends from. */
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
  /** Uncompressed size over compressed size. */
  compressionRatio?: number;
  /** Time since it began to write, estimated from its current rate. */
  activeSeconds?: number;
  /** Share of the load on the limiting resource. */
  share?: number;
  /** Its share of the safe maximum: `share` times `loadOfSafeMax`. */
  shareOfSafeMax?: number;
}

export interface ClientCosts {
  /** Quantity that shares refer to; `requests` if producers are compared by their requests. */
  by: SharedBy | 'requests';
  /** Largest use first. */
  clients: readonly ClientCost[];
  /** Share of the load that belongs to no identified client. */
  unattributedShare?: number;
  /** Current load over the safe maximum. */
  loadOfSafeMax?: number;
}

/** Use by one client as brokers count it: mean of about 10 s, summed over brokers. */
export interface CountedUse {
  clientId?: string;
  user?: string;
  producedBytesPerSecond?: number;
  fetchedBytesPerSecond?: number;
  /** Time of network and request handler threads that its requests took, per second. */
  threadSeconds?: number;
  /** Share of the thread time of all counted clients. */
  shareOfThreads?: number;
  /** If cores or threads are the limit: its share of their time, times the used share of the safe maximum. */
  shareOfSafeMax?: number;
  /** Whether a quota throttled it. */
  isThrottled?: true;
}
