// Lets @platformatic/kafka compile the checks of its options when they are used, not when it is loaded: that takes half a second
// of processor time in each process and each traffic thread, and Plimsoll, which sends its requests itself, uses none of them.

import { createRequire } from 'node:module';

interface Check {
  (value: unknown): boolean;
  errors?: unknown;
}

interface Compiler {
  compile(schema: unknown): Check;
}

const require = createRequire(import.meta.url);
/** The copy of ajv that the library has. */
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
