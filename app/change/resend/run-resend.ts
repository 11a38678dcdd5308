// Plans, executes, resumes or aborts a resend of dead-letter messages as a change of the cluster.

import { countText } from '../../../core/text/quantity-text.ts';
import { openMessageSender } from '../../../brokers/open-by-kind.ts';
import { driverOf } from '../../../brokers/registry.ts';
import { countOf, resendFacts, type ResendFacts } from '../../../ops/resend/facts.ts';
import { messageName } from '../../../ops/resend/message-name.ts';
import { planResend, type ResendPlan, type ResendSpec } from '../../../ops/resend/plan-resend.ts';
import { resend, type ResendTools } from '../../../ops/resend/resend-steps.ts';
import { newResendId, refuseSent, sentBefore, sentFile } from '../../../ops/resend/sent-messages.ts';
import { type Caller, lineWriter, stateFolderOf } from '../../caller.ts';
import { maskedFieldsOf, refuseMaskedSearch } from '../../observe/masked-messages.ts';
import type { MessageFilter } from '../../observe/message-filter.ts';
import type { NamedCluster } from '../../observe/named-cluster.ts';
import { deadLetterTopicsOf } from './dead-letter-topics.ts';
import type { PlannedSteps } from '../require-approval.ts';
import { runChange, type AnyChangeRequest, type ChangeState } from '../run-change.ts';

export interface ResendRequest {
  topic: string;
  /** For a plan: the part of the search that data masks can refuse. */
  filter: MessageFilter;
  /** For a plan: which messages to resend. */
  spec: Omit<ResendSpec, 'broker' | 'topic' | 'deadLetterTopics' | 'sentBefore'>;
  perSecond: number;
  decided: ResendTools['decided'];
}

export interface ResendState extends ChangeState<ResendFacts> {
  /** Present if this command planned the resend. */
  plan?: ResendPlan;
}

/** @throws AppError usage, not-found; as `app/change/run-change.ts` */
export async function runResend(
  io: Caller<AnyChangeRequest>,
  entry: Pick<NamedCluster, 'name' | 'config' | 'masks'>,
  request: ResendRequest,
): Promise<ResendState> {
  const { name: cluster, config } = entry;
  const { topic, perSecond, decided } = request;
  refuseMaskedSearch(request.filter, maskedFieldsOf(topic, entry));
  const stateFolder = stateFolderOf(io);
  await using lookup = await driverOf(config).lookUp(cluster, config, io);
  await using sender = await openMessageSender(cluster, config, io);
  const read: { plan?: ResendPlan } = {};
  const state = await runChange(io, entry, {
    kind: resend,
    subject: `topic ${topic}`,
    folder: 'changes',
    isLeaseNeeded: true,
    tools: { lookup, sender, clock: io.clock, tell: lineWriter(io), decided },
    async plan(within, shown) {
      const known = await sentBefore(stateFolder, { cluster, topic });
      if (shown !== undefined && read.plan !== undefined) {
        if (!request.spec.again) refuseSent(read.plan.chosen, known);
        return { facts: shown, findings: read.plan.findings };
      }
      const aim = { broker: config.broker, topic, deadLetterTopics: deadLetterTopicsOf(config) };
      const spec = { ...request.spec, ...aim, sentBefore: known };
      read.plan = await planResend(lookup, sender, spec, within);
      const { chosen, findings } = read.plan;
      const id = newResendId();
      const sent = sentFile(stateFolder, { cluster, topic, id });
      return { facts: resendFacts(spec, chosen, { id, sent, perSecond }), findings };
    },
    approval: () => plannedResend(request, read.plan?.chosen ?? []),
    summary: (facts) =>
      `Messages of ${topic} to send to ${facts.targets.join(', ')}: ${countText(countOf(facts))}. They cannot be recalled.`,
    undoSummary: `The resend of ${topic} ends: messages that were sent stay where they are.`,
  });
  return { ...state, ...read };
}

export function plannedResend(
  { topic, perSecond }: Pick<ResendRequest, 'topic' | 'perSecond'>,
  chosen: ResendPlan['chosen'],
): PlannedSteps {
  const messages = chosen.map((message) => ({ message: messageName(message), to: message.target }));
  const sends = messages.map(({ message, to }) => ({
    en: `send message ${message} of ${topic} to ${to}`,
    zh: `把 ${topic} 的消息 ${message} 发送到 ${to}`,
  }));
  return {
    steps:
      sends.length === 0
        ? []
        : [{ en: `send at most ${perSecond} msg/s`, zh: `发送速率不超过 ${perSecond} 条/秒` }, ...sends],
    exact: { topic, perSecond, messages },
  };
}
