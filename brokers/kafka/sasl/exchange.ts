// Defines one authentication with SASL, which both Kafka clients can run.

/** The messages of the client, until it has none left to send. */
export interface SaslExchange {
  /**
   * @param challenge challenge of the broker; absent at the start
   * @throws AppError credentials-refused, prerequisite-missing
   */
  next(challenge?: Buffer): Promise<Buffer | undefined>;
  /** @returns the fault if a broker refused; any other cause unchanged */
  faultOf(cause: unknown): unknown;
}
