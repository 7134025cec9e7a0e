/**
 * Events from files and from the command line: rows, the mapping from columns to fields, batches by
 * header, and the record of how far an interrupted load has come. Start with {@link
 * dev.wirebrook.cli.load.LoadCommand}.
 */
@NullMarked
package dev.wirebrook.cli.load;

import org.jspecify.annotations.NullMarked;
