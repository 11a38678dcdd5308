// Decodes Protobuf to JSON text, with the file that defines the messages.

import protobuf from 'protobufjs';
import { builtInProtos } from './built-in-protos.ts';
import { readMessageIndexes } from './framing.ts';
import type { ReadSchema } from './registry-client.ts';

const keepNames = { keepCase: true };

/**
 * @returns JSON text in the JSON mapping of Protobuf: 64-bit integers as text, bytes as base64, enums by name. @throws
 * Error for content that does not match
 */
export function createProtobufDecoder({ schema, references }: ReadSchema): (content: Buffer) => string {
  const root = new protobuf.Root();
  const added = new Set(references.map(({ name }) => name));
  for (const each of references) addFile(root, each.schema, added);
  const own = addFile(root, schema, added);
  root.resolveAll();
  return (content) => {
    const { indexes, rest } = readMessageIndexes(content);
    const type = root.lookupType(nameAt(own, indexes));
    return JSON.stringify(type.toObject(type.decode(rest), { longs: String, enums: String, bytes: String }));
  };
}

/** @param added import paths that were added, each once. @returns the file alone, with its messages in their order */
function addFile(root: protobuf.Root, source: string, added: Set<string>): protobuf.Namespace {
  const { imports = [], weakImports = [] } = protobuf.parse(source, root, keepNames);
  for (const name of [...imports, ...weakImports]) addBuiltIn(root, name, added);
  const alone = protobuf.parse(source, new protobuf.Root(), keepNames);
  const { package: named } = alone;
  const namespace = named === undefined || named === '' ? alone.root : alone.root.lookup(named);
  if (!(namespace instanceof protobuf.Namespace)) throw new Error(`the schema has no package ${named}`);
  return namespace;
}

/** Adds a type that the registry knows, which is a reference only if the producer sets skip.known.types=false. */
function addBuiltIn(root: protobuf.Root, name: string, added: Set<string>): void {
  if (added.has(name)) return;
  added.add(name);
  const wellKnown = protobuf.common.get(name);
  if (wellKnown?.nested !== undefined) root.addJSON(wellKnown.nested);
  const source = builtInProtos.get(name);
  if (source !== undefined) addFile(root, source, added);
}

function nameAt(file: protobuf.Namespace, indexes: readonly number[]): string {
  let within: protobuf.Namespace = file;
  for (const index of indexes) {
    const found = within.nestedArray.filter((each) => each instanceof protobuf.Type)[index];
    if (found === undefined) throw new Error(`the schema has no message type ${indexes.join('.')}`);
    within = found;
  }
  return within.fullName;
}
