/** Matches what would move a terminal's cursor or is no character of XML: C0 and C1 controls, except newline. */
// eslint-disable-next-line no-control-regex -- control characters are what it is for
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text as it may be shown: what came from a peer must not steer the terminal that shows it. */
export const printable = (text: string): string =>
  text.replace(controls, (character) =>
    character === '\t' ? ' ' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The same on one line. */
export const oneLine = (text: string): string => printable(text).replace(/\s*\n\s*/g, ' ');

/** `0.12 s`, `12.3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return `${seconds.toFixed(2)} s`;
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Cuts a line to `columns`, the last of which is then an ellipsis. */
export const cut = (line: string, columns: number): string =>
  line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;

/** Breaks text at spaces into lines of at most `columns` where words allow; its own line breaks stay. */
export function wrap(text: string, columns: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line === '') {
        line = word;
      } else if (line.length + 1 + word.length <= columns) {
        line = `${line} ${word}`;
      } else {
        lines.push(line);
        line = word;
      }
    }
    return [...lines, line];
  });
}

/** `1 peer`, `2 peers`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
