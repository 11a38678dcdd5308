// Parses the nested brackets of a record, `[GC (…) [ParNew: …] A->B(C), S secs]`, into a tree.

export interface RecordNode {
  /** Text of this bracket, without inner brackets. */
  text: string;
  parts: RecordNode[];
  /** Index of its opening bracket in the record. */
  at: number;
}

const open = 91;
const close = 93;

/** Records of real logs nest four levels; deeper brackets become text of the deepest level. */
const maxDepth = 8;

/** @param record begins with its opening and ends with its closing bracket, as the assembler returns it */
export function recordTree(record: string): RecordNode {
  const root: RecordNode = { text: '', parts: [], at: 0 };
  const path: RecordNode[] = [root];
  let textFrom = 1;
  let ignored = 0;
  for (let at = 1; at < record.length; at += 1) {
    const code = record.charCodeAt(at);
    if (code !== open && code !== close) continue;
    const node = path.at(-1)!;
    if (code === open && (path.length === maxDepth || ignored > 0)) {
      ignored += 1;
      continue;
    }
    if (code === close && ignored > 0) {
      ignored -= 1;
      continue;
    }
    node.text += record.slice(textFrom, at);
    textFrom = at + 1;
    if (code === open) {
      const part: RecordNode = { text: '', parts: [], at };
      node.parts.push(part);
      path.push(part);
    } else {
      path.pop();
      if (path.length === 0) break;
    }
  }
  return root;
}
