// Splits text into consecutive JSON documents by their braces; NaN and Infinity become null.

import { unreadableLoad } from './text-lines.ts';

interface JsonDocument {
  /** Line where it begins. */
  line: number;
  /** Absent if the text ends within the document. */
  value?: unknown;
}

/** Results have three nesting levels. */
const deepest = 32;

/** Python writes them bare, Jackson in quotes; neither is valid JSON. */
const numbersThatAreNone = ['-Infinity', 'Infinity', 'NaN'];

/** @throws AppError load-test-unreadable if a value other than an object begins, or an object is not valid JSON */
export function jsonDocuments(text: string, tool: string): JsonDocument[] {
  const documents: JsonDocument[] = [];
  let line = 1;
  let place = 0;
  while (place < text.length) {
    const character = text[place] as string;
    if (character === '\n') line += 1;
    if (/[\s,]/.test(character)) {
      place += 1;
      continue;
    }
    if (character !== '{') {
      throw unreadableLoad(tool, `${JSON.stringify(text.slice(place, place + 40))} is not the start of a JSON object`, {
        line,
      });
    }
    const { end, json, lines } = objectAt(text, place, tool, line);
    if (json === undefined) {
      documents.push({ line });
      break;
    }
    try {
      documents.push({ line, value: JSON.parse(json) });
    } catch (cause) {
      throw unreadableLoad(tool, `the document that starts here is not JSON: ${(cause as Error).message}`, { line });
    }
    place = end;
    line += lines;
  }
  return documents;
}

function objectAt(
  text: string,
  start: number,
  tool: string,
  line: number,
): { end: number; json?: string; lines: number } {
  const pieces: string[] = [];
  let piece = start;
  let depth = 0;
  let lines = 0;
  let isString = false;
  for (let place = start; place < text.length; place += 1) {
    const character = text[place];
    if (character === '\n') lines += 1;
    if (isString) {
      if (character === '\\') place += 1;
      else if (character === '"') isString = false;
    } else if (character === '"') {
      isString = true;
    } else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > deepest) throw unreadableLoad(tool, `it nests deeper than ${deepest} levels`, { line: line + lines });
    } else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) {
        pieces.push(text.slice(piece, place + 1));
        return { end: place + 1, json: pieces.join('null'), lines };
      }
    } else if (character === 'N' || character === 'I' || character === '-') {
      const word = numbersThatAreNone.find((each) => text.startsWith(each, place));
      if (word !== undefined) {
        pieces.push(text.slice(piece, place));
        place += word.length - 1;
        piece = place + 1;
      }
    }
  }
  return { end: text.length, lines };
}
