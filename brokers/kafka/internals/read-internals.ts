// Reads broker metrics over HTTP from a JMX exporter or Jolokia agent.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { BrokerInternals } from '../details.ts';
import { openAgent, unreadable, type Agent } from './agent-http.ts';
import { createBeanReadings, type BeanReadings } from './bean-readings.ts';
import type { InternalsSource } from './config.ts';
import { readJmxPage } from './jmx-exporter-page.ts';
import { encodeReads } from './jolokia-read.ts';
import { jolokiaReads, parseJolokiaAnswers } from './jolokia.ts';

/** @throws AppError broker-unreachable, broker-refused, credentials-refused, answer-unreadable, secret-unreadable */
export async function readInternals(source: InternalsSource, broker: string, io: Io): Promise<BrokerInternals> {
  const readings = createBeanReadings();
  const agent = await openAgent(source, io);
  if (agent.kind === 'jolokia') await readJolokia(agent, readings);
  else await readJmxPage(agent.url, agent.page, readings);
  const { values, dropped } = readings.report();
  if (values.length === 0) {
    throw new AppError('answer-unreadable', `${agent.url} of broker ${broker} has no metrics of a Kafka broker`, {
      hint: 'give the metrics page of the JMX exporter, or the URL of the Jolokia agent, of the broker itself',
    });
  }
  return { broker, agent: agent.kind, values, dropped };
}

async function readJolokia({ url, post }: Agent, readings: BeanReadings): Promise<void> {
  const text = await post(encodeReads(jolokiaReads));
  let refusal: string | undefined;
  try {
    refusal = parseJolokiaAnswers(text, readings);
  } catch (cause) {
    throw unreadable(
      url,
      cause instanceof z.ZodError ? 'the response is not that of a Jolokia agent' : (cause as Error).message,
    );
  }
  if (refusal !== undefined)
    throw new AppError('broker-refused', `the Jolokia agent ${url} refused every read: ${refusal}`);
}
