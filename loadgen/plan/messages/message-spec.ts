// Defines the messages of a run as plain data from which every worker generates the same bytes.

export interface MessageSpec {
  /** Everything that is drawn is drawn from it and the number of the message. */
  seed: number;
  sizes: SizeSpec;
  keys: KeySpec;
  filler: FillerSpec;
  /** Topics that differ, instead of `sizes` and `keys` of all. */
  mix?: TopicMix;
}

export interface TopicMix {
  /** By topic. */
  topics: readonly { sizes: SizeSpec; keys: KeySpec }[];
  /** In the order of message numbers: from which message on each topic has which share. Shares need not sum to anything. */
  phases: readonly { from: number; messages: number; shares: readonly number[] }[];
}

export type SizeSpec =
  | { kind: 'fixed'; bytes: number }
  /** Weights need not sum to anything. */
  | { kind: 'weighted'; sizes: readonly { bytes: number; weight: number }[] }
  /** As captured: a band by its weight, and any size from `from` to `to` (both included) within it. */
  | { kind: 'bands'; bands: readonly { from: number; to: number; weight: number }[] };

export type KeySpec =
  | { kind: 'none' }
  /** `bytes` is the length of a key; all of a run are equally long. */
  | { kind: 'round-robin' | 'uniform'; distinct: number; bytes: number }
  /** Key i (from 0) has the weight 1 / (i + 1)^exponent. */
  | { kind: 'zipf'; distinct: number; exponent: number; bytes: number }
  /** As captured: a band by its weight, and any of its keys within it; a band of 0 keys is messages without one. */
  | { kind: 'bands'; bands: readonly { keys: number; weight: number }[]; bytes: number };

export type FillerSpec =
  | { kind: 'random' }
  /** So large a share of the blocks is random, and the others repeat; see loadgen/plan/messages/filler.ts. */
  | { kind: 'mixed'; randomShare: number };
