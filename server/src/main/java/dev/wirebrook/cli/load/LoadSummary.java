package dev.wirebrook.cli.load;

/**
 * What became of a load.
 *
 * @param resumedBehind rows that an earlier run had finished
 * @param rowsDone every row up to this one is settled
 * @param events made of rows or groups and answered
 * @param resent batches that were sent again after the connection broke
 * @param position of the log behind the last batch; 0: no batch was answered
 * @param complete whether the end of the file was reached and everything is settled
 */
record LoadSummary(
        long resumedBehind,
        long rowsDone,
        long events,
        long accepted,
        long duplicate,
        long rejected,
        long quarantined,
        long bad,
        long resent,
        long position,
        boolean complete) {}
