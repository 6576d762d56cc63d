// Discord's tokens have no prefix: three parts, and the two dots between them always seven characters apart.
import type { Hit } from '../detector.ts';
import type { Pattern } from './pattern.ts';

const label = 'discord-token';
const SHAPE =
  /(?<![A-Za-z0-9])[MNO][A-Za-z0-9]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}(?![A-Za-z0-9_-])/y;
const FIRST_PART = { least: 24, most: 26 };

export const DISCORD: Pattern = {
  label,
  kind: 'secret',
  anchors: [],
  find(text) {
    const hits: Hit[] = [];
    for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
      if (text[dot + 7] !== '.') continue;
      const hit = hitAt(text, dot);
      if (hit !== undefined) hits.push(hit);
    }
    return hits;
  },
};

function hitAt(text: string, dot: number): Hit | undefined {
  for (let chars = FIRST_PART.most; chars >= FIRST_PART.least; chars -= 1) {
    if (dot < chars) continue;
    SHAPE.lastIndex = dot - chars;
    if (SHAPE.test(text)) return { start: dot - chars, end: SHAPE.lastIndex, kind: 'secret', label };
  }
  return undefined;
}
