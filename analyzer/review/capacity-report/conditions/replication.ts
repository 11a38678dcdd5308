// Judges whether tests had the replicas, groups, partitions, batches, compression and delays of the plan, the acks that it requires, and the TLS of the brokers.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Analysis } from '../../../../core/documents/analysis.ts';
import type { Reason } from '../../../../core/documents/reasons/go-reasons.ts';
import { quantityText } from '../../../../core/text/quantity-text.ts';
import { electsMaster } from '../../../evidence/elected-members.ts';
import { brokerOf } from '../../../evidence/fingerprint-keys.ts';
import { tlsListeners, usedTls } from '../../../evidence/tls-listeners.ts';
import { measuredGroups, measuredReplicas } from '../../../planning/sizing/measured-cluster.ts';
import { groupsToTest, isOwnTraffic, judged, type Judged, type MeasuredCase } from '../go-case.ts';

/** Batches grow with the load, so those of a test differ somewhat from the stated mean. */
const largerBatch = 1.25;
/** A plan rounds them up to its brokers, which may be more than those of the test. */
const leastPartitions = 0.5;

/** @returns no condition if no test recorded anything that a plan states */
export function judgeReplication(case_: MeasuredCase): Judged[] {
  const { measured, plannedReplicas, settings, neighbors = [], isDelayed = false } = case_;
  const { plannedPartitions = 0, plannedBatch: neededBatch = Infinity } = case_;
  // One partition has to carry a domain with global order.
  const neededPartitions = case_.ordered === undefined ? plannedPartitions : 0;
  const isCompressed = [case_, ...neighbors].some(({ compressionRatio = 1 }) => compressionRatio > 1);
  const neededGroups = groupsToTest(case_);
  const tests = measured
    .filter((each) => !isOwnTraffic(each))
    .map((each) => ({
      source: each.source,
      replicas: plannedReplicas === undefined ? undefined : measuredReplicas(each.analysis),
      acks: judgedAcks(each.analysis, case_),
      groups: neededGroups === 0 ? undefined : measuredGroups(each.analysis),
      tls: testedTls(each.analysis, settings),
      isPlain: isCompressed && isUncompressed(each.analysis),
      isPrompt: isDelayed && each.analysis.fingerprint?.['client.delay'] === undefined,
      partitions: Number(each.analysis.fingerprint?.['topic.partitions'] ?? Infinity),
      batch: each.analysis.run.messagesPerRequest ?? 0,
    }));
  const neededReplicas = plannedReplicas ?? 0;
  const few = tests.filter(({ replicas = neededReplicas }) => replicas < neededReplicas);
  const weak = tests.filter(({ acks = 'acks=all' }) => acks !== 'acks=all');
  const fewGroups = tests.filter(({ groups = neededGroups }) => groups < neededGroups);
  const withoutTls = tests.filter(({ tls = 'true' }) => tls !== 'true');
  const narrow = tests.filter(({ partitions }) => partitions < leastPartitions * neededPartitions);
  const batched = tests.filter(({ batch }) => batch > largerBatch * neededBatch);
  const all: (Reason & { subjects: string[] })[] = [
    {
      code: 'too-few-replicas',
      neededReplicas,
      subjects: few.map(({ source, replicas }) => `${source} (${replicas})`),
    },
    { code: 'acks-too-weak', subjects: weak.map(({ source, acks }) => `${source} (${acks})`) },
    {
      code: 'too-few-groups',
      neededGroups,
      subjects: fewGroups.map(({ source, groups }) => `${source} (groups=${groups})`),
    },
    { code: 'tls-not-tested', subjects: withoutTls.map(({ source, tls }) => `${source} (tls=${tls})`) },
    { code: 'compression-not-tested', subjects: tests.filter(({ isPlain }) => isPlain).map(({ source }) => source) },
    {
      code: 'too-few-partitions',
      neededPartitions,
      subjects: narrow.map(({ source, partitions }) => `${source} (${partitions})`),
    },
    {
      code: 'batches-too-large',
      neededBatch,
      subjects: batched.map(({ source, batch }) => `${source} (${quantityText(batch)})`),
    },
    { code: 'delay-not-tested', subjects: tests.filter(({ isPrompt }) => isPrompt).map(({ source }) => source) },
  ];
  const reasons = all.filter(({ subjects }) => subjects.length > 0);
  // The number of groups alone says nothing about replicas.
  if (reasons.length === 0 && tests.every(({ replicas, acks, tls }) => (replicas ?? acks ?? tls) === undefined))
    return [];
  const subject = reasons.flatMap(({ subjects }) => subjects).join(', ');
  const state = reasons.length > 0 ? 'fails' : 'holds';
  return [judged('replication', state, reasons, subject === '' ? {} : { subject })];
}

/** @returns whether the test used TLS, if brokers have listeners with it; `unknown` if not recorded */
function testedTls({ fingerprint = {} }: Analysis, settings: MeasuredCase['settings']): string | undefined {
  const all = [fingerprint, ...settings.map((each) => each.fingerprint)];
  return all.some((each) => tlsListeners(each).length > 0) ? `${usedTls(fingerprint) ?? 'unknown'}` : undefined;
}

/**
 * Only brokers that validate batches decompress them; others store what they receive, so that an uncompressed test costs
 * them no less. Figures of other tools do not state it, and a fingerprint only has a codec that is set.
 */
const isUncompressed = ({ run: { broker, origin = 'load-test' }, fingerprint = {} }: Analysis): boolean =>
  traitsOf(broker)?.hasRecordBatches === true &&
  origin === 'load-test' &&
  fingerprint['client.compression'] === undefined;

/**
 * Without a plan nobody has accepted a loss: a client that did not wait for replicas shows nothing about those that do,
 * if the cluster has replicas to wait for. A broker that responds before it replicates is then a fact of the cluster.
 */
function judgedAcks(analysis: Analysis, { plannedLoss, survives }: MeasuredCase): string | undefined {
  if (plannedLoss === 'may-lose' || (plannedLoss === undefined && survives === 'none')) return undefined;
  const acks = acksOf(analysis);
  if (plannedLoss !== undefined || acks === 'acks=none') return acks;
  const isAsSafe = (measuredReplicas(analysis) ?? 1) < 2 || acksOfAll(analysis) !== 'acks=all';
  return acks === 'acks=leader' && !isAsSafe ? acks : undefined;
}

/** @returns what sends waited for */
function acksOf(analysis: Analysis): string | undefined {
  const { 'client.acks': acks, 'broker.settings.enableDLegerCommitLog': dledger } = analysis.fingerprint ?? {};
  if (acks === undefined) return undefined;
  // DLedger responds after the majority has the message, whatever the client waits for.
  return acks === 'all' || (acks === 'leader' && dledger === 'true') ? acksOfAll(analysis) : `acks=${acks}`;
}

/**
 * @returns what acks all waits for: a RocketMQ master responds before it replicates, unless it is set to wait, or its
 * group elects
 */
function acksOfAll(analysis: Analysis): string {
  const { run, fingerprint = {} } = analysis;
  const { copies, brokerId: ids } = traitsOf(run.broker) ?? {};
  const isAlone = (measuredReplicas(analysis) ?? 1) < 2;
  const isOpen = copies !== 'own-group' || isAlone || electsMaster(fingerprint, () => true);
  if (isOpen) return 'acks=all';
  if (fingerprint['broker.settings.brokerRole']?.includes('ASYNC_MASTER')) return 'brokerRole=ASYNC_MASTER';
  // 5.x counts the master too, which alone satisfies the default; 4.9 does not have the key.
  const isContent = Object.entries(fingerprint).some(([key, value]) => {
    const isOfMaster = ids?.canLead(brokerOf(key) ?? '') !== false;
    return /^broker\.settings\.inSyncReplicas(?:@|$)/.test(key) && isOfMaster && Number(value) < 2;
  });
  return isContent ? 'inSyncReplicas=1' : 'acks=all';
}
