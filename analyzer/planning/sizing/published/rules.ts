// What do published rules of thumb answer? Each as its authors wrote it, to be shown beside a plan; none of them is used for one.

/** Of Kafka, in MiB a second of the whole cluster unless a rule says otherwise. */
export interface PublishedLoad {
  in: number;
  groups: number;
  replicas: number;
}

/**
 * AWS, "Best practices for right-sizing your Apache Kafka clusters": the produce rate is the least of what disks, their network and
 * brokers' network carry for n brokers, of which 80 % are used.
 * @param limits MiB a second of one broker
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

/** Google Cloud, Managed Service for Apache Kafka, "Plan your cluster size": write-equivalents, 20 MiB/s a vCPU, half of it used. */
export function googleVcpus({ in: produced, groups, replicas }: PublishedLoad): number {
  const consumed = produced * groups;
  const writeEquivalents = replicas * produced + (consumed + (replicas - 1) * produced) / 4;
  return Math.ceil(writeEquivalents / 20 / 0.5);
}

/** As the rule gives it: 4 GiB for each vCPU. */
export const googleMemoryGiB = (vcpus: number): number => 4 * vcpus;

/** Alibaba Cloud, Message Queue for Apache Kafka, evaluation of specifications: traffic with copies, twice, over 400 MB/s a node; four at least. */
export const alibabaBrokers = ({ in: peak, groups, replicas }: PublishedLoad): number =>
  Math.max(4, Math.ceil((peak * (groups + 2 * replicas - 1) * 2) / 400));

/** Redpanda, "Sizing use cases": a node writes its share of all copies, and reads for consumers and for followers. */
export function redpandaNode(
  load: { in: number; out: number; replicas: number },
  nodes: number,
): { write: number; read: number } {
  return {
    write: (load.in * load.replicas) / nodes,
    read: (load.out + load.in * (load.replicas - 1)) / nodes,
  };
}

/** Redpanda, the same page: 100 MB/s a core. */
export const redpandaCores = (rate: number): number => Math.ceil(rate / 100);

/** Amazon MSK Express, best practices: the busier of the directions decides, and brokers come in threes. */
export function mskExpressBrokers(load: { in: number; out: number }, limits: { in: number; out: number }): number {
  const needed = Math.max(Math.ceil(load.in / limits.in), Math.ceil(load.out / limits.out));
  return Math.ceil(needed / 3) * 3;
}

/** LinkedIn Cruise Control, ResourceDistribution of provisioning: brokers of a typical capacity to be added so that a resource is under its threshold. */
export function cruiseControlAdd(
  { utilization, capacity, typical }: { utilization: number; capacity: number; typical: number },
  threshold: number,
): number {
  return Math.max(0, Math.ceil((utilization - capacity * threshold) / (typical * threshold)));
}

/** The same: brokers that could be dropped, one at least where a resource is under-used, and never so many that copies have no place. */
export function cruiseControlDrop(
  {
    utilization,
    brokers,
    typical,
    maxReplicas,
  }: { utilization: number; brokers: number; typical: number; maxReplicas: number },
  lowThreshold: number,
): number {
  const drop = Math.max(1, brokers - Math.floor(utilization / lowThreshold / typical));
  return Math.min(drop, Math.max(0, brokers - maxReplicas));
}
