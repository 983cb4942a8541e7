import Mocha from 'mocha';

/** Mocha's spec reporter, followed by one plain line for machines: `N passed, N failed`. */
export default class PlainSummary extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
  }
}
