// Lists the folders in which a broker stores messages, from its settings.

/** Kafka: log.dirs, or log.dir where that is not set. RocketMQ: storePathCommitLog, which may be several with `:` or `,` between. */
export function storesOf(values: ReadonlyMap<string, string>): string[] {
  const kafka = values.get('log.dirs') || values.get('log.dir');
  const rocketmq = values.get('storePathCommitLog') || values.get('storePathRootDir');
  const list = kafka?.split(',') ?? rocketmq?.split(/[:,]/) ?? [];
  return list.map((path) => path.trim()).filter((path) => path.startsWith('/'));
}
