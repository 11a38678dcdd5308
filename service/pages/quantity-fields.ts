// Parses the quantities of a what-if from the address; invalid ones become values with a fault.

import { acksValues, quantityBounds, type Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import {
  quantityNames,
  type QuantityFault,
  type QuantityField,
  type QuantityName,
} from '../../dashboards/web/what-if/quantities.ts';
import { longestText } from '../../dashboards/web/what-if/what-if-form.ts';

type Reading = { value: number | string } | { fault: QuantityFault };

export function readFields(query: URLSearchParams): QuantityField[] {
  return quantityNames.map((name) => {
    const text = (query.get(name) ?? '').trim().slice(0, longestText);
    const bounds = name === 'acks' ? {} : { bounds: quantityBounds[name] };
    return { name, text, ...bounds, ...(text !== '' && read(name, text)) };
  });
}

/** @returns undefined if a field is invalid */
export function alternativeOf(fields: readonly QuantityField[]): Alternative | undefined {
  if (fields.some(({ fault }) => fault !== undefined)) return undefined;
  return Object.fromEntries(fields.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

export function withMeasured(fields: readonly QuantityField[], measured: Alternative): QuantityField[] {
  return fields.map((field) => {
    const known = measured[field.name];
    return known === undefined ? field : { ...field, measured: known };
  });
}

/** Limits replicas to the number of brokers, because each Kafka replica is on another broker. */
export function holdCopies(fields: readonly QuantityField[]): QuantityField[] {
  const stands = (name: QuantityName) => {
    const { value, measured } = fields.find((field) => field.name === name) ?? {};
    return Number(value ?? measured);
  };
  const [copies, brokers] = [stands('replicas'), stands('brokers')];
  if (!(copies > brokers)) return [...fields];
  return fields.map((field) =>
    field.name === 'replicas' && field.fault === undefined
      ? { ...field, text: String(copies), bounds: { least: 1, most: brokers }, fault: 'copies' }
      : field,
  );
}

function read(name: QuantityName, text: string): Reading {
  switch (name) {
    case 'acks':
      return acksValues.some((each) => each === text) ? { value: text } : { fault: 'choice' };
    case 'messageBytes':
      return within(name, /^\d+$/.test(text) ? Number(text) : Size.safeParse(text).data, 'size');
    case 'nic':
      return within(name, /^\d+$/.test(text) ? Number(text) : BitRate.safeParse(text.toLowerCase()).data, 'speed');
    case 'compression':
      return within(name, numberOf(text), 'number');
    default: {
      const value = numberOf(text);
      return value !== undefined && !Number.isInteger(value) ? { fault: 'whole' } : within(name, value, 'number');
    }
  }
}

function within(name: Exclude<QuantityName, 'acks'>, value: number | undefined, other: QuantityFault): Reading {
  if (value === undefined) return { fault: other };
  const { least, most } = quantityBounds[name];
  return value >= least && value <= most ? { value } : { fault: 'bounds' };
}

/** Accepts usual decimal notation, but no hexadecimal numbers and no infinity. */
function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : undefined;
}
