// Computes published rules of thumb for sizing, for comparison only.

/** Kafka load in MiB per second of the whole cluster, unless a rule states otherwise. */
interface PublishedLoad {
  in: number;
  groups: number;
  replicas: number;
}

/**
 * AWS, "Best practices for right-sizing your Apache Kafka clusters": the produce rate is the minimum of the limits of
 * disks, their network and the brokers' network for n brokers, of which 80% are used.
 * @param limits MiB per second of one broker
 */
export function awsBrokers(
  load: PublishedLoad,
  limits: { storage: number; storageNetwork: number; network: number },
): number {
  const { in: rate, groups, replicas } = load;
  const used = 0.8;
  const carried = (brokers: number) =>
    used *
    Math.min(
      (limits.storage * brokers) / replicas,
      (limits.storageNetwork * brokers) / replicas,
      (limits.network * brokers) / (groups + replicas - 1),
    );
  let brokers = replicas;
  while (carried(brokers) < rate) brokers += 1;
  return brokers;
}

/**
 * Google Cloud, Managed Service for Apache Kafka, "Plan your cluster size": write-equivalents, 20 MiB/s per vCPU, half
 * of it used.
 */
export function googleVcpus({ in: produced, groups, replicas }: PublishedLoad): number {
  const consumed = produced * groups;
  const writeEquivalents = replicas * produced + (consumed + (replicas - 1) * produced) / 4;
  return Math.ceil(writeEquivalents / 20 / 0.5);
}

/** The rule: 4 GiB per vCPU. */
export const googleMemoryGiB = (vcpus: number): number => 4 * vcpus;

/**
 * Alibaba Cloud, Message Queue for Apache Kafka, evaluation of specifications: traffic with replicas, times two,
 * divided by 400 MB/s per node; at least four.
 */
export const alibabaBrokers = ({ in: peak, groups, replicas }: PublishedLoad): number =>
  Math.max(4, Math.ceil((peak * (groups + 2 * replicas - 1) * 2) / 400));

/** Redpanda, "Sizing use cases": 100 MB/s per core. */
export const redpandaCores = (rate: number): number => Math.ceil(rate / 100);
