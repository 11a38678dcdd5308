// Checks whether a value matches its schema unchanged, at a tenth of the cost of parsing; if not, the schema decides.

import type { z } from 'zod';

/** @returns true only if the schema accepts the value and returns an equal one; false is inconclusive */
export type ShapeGuard = (value: unknown) => boolean;

const unsure: ShapeGuard = () => false;

/** Supports the kinds of schema that records use; other kinds always go to the schema. */
export function shapeGuard(schema: z.core.$ZodType): ShapeGuard {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return def.checks?.length ? unsure : objectGuard(def.shape);
    case 'array': {
      const element = shapeGuard(def.element);
      return def.checks?.length ? unsure : (value) => Array.isArray(value) && value.every(element);
    }
    case 'record':
      return def.checks?.length ? unsure : recordGuard(def);
    case 'union':
      return 'discriminator' in def && !def.checks?.length
        ? unionGuard(def as z.core.$ZodDiscriminatedUnionDef)
        : unsure;
    case 'literal': {
      const literals = new Set<unknown>(def.values);
      return (value) => literals.has(value);
    }
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (value) => values.has(value);
    }
    case 'string':
      return 'format' in def || def.checks?.length ? unsure : (value) => typeof value === 'string';
    case 'boolean':
      return def.checks?.length ? unsure : (value) => typeof value === 'boolean';
    case 'number':
      return 'format' in def ? unsure : numberGuard(def.checks ?? []);
    default:
      return unsure;
  }
}

/** No shape has an own key `__proto__`, which JSON can contain. */
function objectGuard(shape: z.core.$ZodShape): ShapeGuard {
  const fields = new Map<string, { isRequired: boolean; guard: ShapeGuard }>();
  for (const [name, schema] of Object.entries(shape)) {
    const { def } = (schema as z.core.$ZodTypes)._zod;
    const isRequired = def.type !== 'optional';
    fields.set(name, { isRequired, guard: shapeGuard(def.type === 'optional' ? def.innerType : schema) });
  }
  const required = [...fields.values()].filter(({ isRequired }) => isRequired).length;
  return (value) => {
    if (!isRecord(value)) return false;
    let found = 0;
    for (const name in value) {
      const field = fields.get(name);
      if (field === undefined || !field.guard(value[name])) return false;
      if (field.isRequired) found += 1;
    }
    return found === required;
  };
}

function recordGuard({ keyType, valueType }: z.core.$ZodRecordDef): ShapeGuard {
  const { def } = (keyType as unknown as z.core.$ZodTypes)._zod;
  if (def.type !== 'string' || 'format' in def || def.checks?.length) return unsure;
  const guard = shapeGuard(valueType);
  return (value) => {
    if (!isRecord(value)) return false;
    for (const name in value) {
      if (name === '__proto__' || !guard(value[name])) return false;
    }
    return true;
  };
}

function unionGuard({ discriminator, options }: z.core.$ZodDiscriminatedUnionDef): ShapeGuard {
  const guards = new Map<unknown, ShapeGuard>();
  for (const option of options) {
    const { def } = (option as z.core.$ZodTypes)._zod;
    if (def.type !== 'object') return unsure;
    const kind = (def.shape[discriminator] as z.core.$ZodTypes | undefined)?._zod.def;
    if (kind?.type !== 'literal') return unsure;
    const guard = shapeGuard(option);
    for (const literal of kind.values) guards.set(literal, guard);
  }
  return (value) => isRecord(value) && guards.get(value[discriminator])?.(value) === true;
}

function numberGuard(checks: readonly z.core.$ZodCheck[]): ShapeGuard {
  let [least, mayBeLeast, isWhole] = [Number.NEGATIVE_INFINITY, false, false];
  for (const check of checks) {
    const { def } = (check as unknown as z.core.$ZodChecks)._zod;
    if (def.check === 'number_format' && def.format === 'safeint') isWhole = true;
    else if (def.check === 'greater_than' && typeof def.value === 'number' && least === Number.NEGATIVE_INFINITY) {
      least = def.value;
      mayBeLeast = def.inclusive;
    } else return unsure;
  }
  return (value) =>
    typeof value === 'number' &&
    (value > least || (mayBeLeast && value === least)) &&
    (isWhole ? Number.isSafeInteger(value) : Number.isFinite(value));
}

/** Returns whether the value is a plain object, as JSON.parse creates. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
