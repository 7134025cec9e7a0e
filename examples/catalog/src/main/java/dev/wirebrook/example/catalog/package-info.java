/** A catalogue of products: how a service of one's own is written. */
@NullMarked
package dev.wirebrook.example.catalog;

import org.jspecify.annotations.NullMarked;
