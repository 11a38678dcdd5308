// Defines one authentication by SASL, which both Kafka clients carry.

/** What the client sends next, until it has nothing left to send. */
export interface SaslExchange {
  /**
   * @param challenge of the broker; absent at the start
   * @throws AppError credentials-refused, prerequisite-missing
   */
  next(challenge?: Buffer): Promise<Buffer | undefined>;
  /** @returns the fault of a broker that refused; any other cause as it is */
  faultOf(cause: unknown): unknown;
}
