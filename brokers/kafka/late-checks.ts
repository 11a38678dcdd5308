// Makes @platformatic/kafka compile its option checks on first use instead of on loading, which takes half a second of
// processor time in each process and traffic thread; Plimsoll sends its requests directly and uses none of the checks.

import { createRequire } from 'node:module';

interface Check {
  (value: unknown): boolean;
  errors?: unknown;
}

interface Compiler {
  compile(schema: unknown): Check;
}

const require = createRequire(import.meta.url);
/** The library's copy of ajv. */
const { Ajv2020 } = createRequire(require.resolve('@platformatic/kafka'))('ajv/dist/2020.js') as {
  Ajv2020: { prototype: Compiler };
};

const { compile } = Ajv2020.prototype;
Ajv2020.prototype.compile = function (this: Compiler, schema) {
  let compiled: Check | undefined;
  const check: Check = (value) => {
    compiled ??= compile.call(this, schema);
    const isValid = compiled(value);
    check.errors = compiled.errors;
    return isValid;
  };
  return check;
};
