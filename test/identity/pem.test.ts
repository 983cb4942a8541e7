import { expect } from 'chai';
import { decodePem, encodePem } from '../../src/identity';

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
const pem = encodePem('CERTIFICATE', bytes);
const inOneLine = Buffer.from(bytes).toString('base64');

describe('PEM', () => {
  it('has lines of 64 characters and a newline at the end', () => {
    const [begin, first, , , ...rest] = pem.split('\n');
    expect(begin).to.equal('-----BEGIN CERTIFICATE-----');
    expect(first).to.have.length(64);
    expect(rest).to.deep.equal(['-----END CERTIFICATE-----', '']);
  });

  // What Go's encoding/pem makes of each was tried with it.
  const fine: Record<string, string> = {
    'as encoded': pem,
    'without a last newline': pem.trimEnd(),
    'with CRLF': pem.replaceAll('\n', '\r\n'),
    'with blanks after the END line': pem.replace(/\n$/, ' \t\n'),
    'with blanks after the BEGIN line': pem.replace('\n', ' \t\n'),
    'with text before': `Certificate:\n  Version: 3\n${pem}`,
    'with a header': pem.replace('\n', '\nKey: value\n\n'),
    'with a header and no empty line': pem.replace('\n', '\nKey: value\n'),
    'in one line': `-----BEGIN CERTIFICATE-----\n${inOneLine}\n-----END CERTIFICATE-----\n`,
    'with blanks and empty lines within': pem.replace(/\n(?=[A-Z])/g, '\n \n\t'),
    'after a BEGIN line without an end': `-----BEGIN CERTIFICATE-----\n${pem}`,
    'after a block that is no base64': `-----BEGIN X-----\n!\n-----END X-----\n${pem}`,
  };
  for (const [how, text] of Object.entries(fine)) {
    it(`is read ${how}`, () => {
      const block = decodePem(text);
      expect(block?.type).to.equal('CERTIFICATE');
      expect(Buffer.from(block?.bytes ?? []).equals(bytes)).to.be.true;
      expect(block?.rest).to.equal('');
    });
  }

  const broken: Record<string, string> = {
    nothing: '',
    'no block': 'hello',
    'a BEGIN line that does not start a line': ` ${pem}`,
    'a BEGIN line that goes on': pem.replace('\n', 'x\n'),
    'another type in the END line': pem.replace('END CERTIFICATE', 'END KEY'),
    'an END line that goes on': pem.replace(/\n$/, 'x\n'),
    'a carriage return for a last newline': `${pem.trimEnd()}\r`,
    'no padding': pem.replace(/=+\n/, '\n'),
    'padding within': pem.replace('AAE', '==A'),
    'a character that is not base64': pem.replace('AAE', '*AE'),
    'a header that runs into the END line': '-----BEGIN X-----\nA: b\n-----END X-----\n',
  };
  for (const [what, text] of Object.entries(broken)) {
    it(`is not ${what}`, () => {
      expect(decodePem(text)).to.be.undefined;
    });
  }

  it('leaves what follows the END line’s newline', () => {
    expect(decodePem(`${pem}\n`)?.rest).to.equal('\n');
    expect(decodePem(`${pem}${pem}`)?.rest).to.equal(pem);
  });

  it('knows an empty block', () => {
    const block = decodePem('-----BEGIN X-----\n-----END X-----\n');
    expect(block).to.deep.include({ type: 'X', rest: '' });
    expect(block?.bytes).to.have.length(0);
  });

  it('takes time in proportion to the text, whatever it is', () => {
    // Each of these takes minutes if every END line is searched from the start.
    for (const part of [
      '\n-----END ',
      '-----BEGIN X-----\n-----END Y-----\n',
      '-----BEGIN ',
      'a: b\n',
      ' ',
    ]) {
      expect(decodePem(part.repeat(200_000))).to.be.undefined;
    }
  });
});
