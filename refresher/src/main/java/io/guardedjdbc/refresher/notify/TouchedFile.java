package io.guardedjdbc.refresher.notify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;

/** A file whose time of change tells when there last was a run. */
public final class TouchedFile implements Receiver {
  private final Path file;
  private final InstantSource clock;

  /** Made when it is not there; what it holds stays. */
  public TouchedFile(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  @Override
  public void tell(String text) throws IOException {
    FileTime now = FileTime.from(clock.instant());
    try {
      try {
        Files.setLastModifiedTime(file, now);
      } catch (NoSuchFileException e) {
        Files.createFile(file);
      }
    } catch (IOException e) {
      throw new IOException(file + " could not be touched", e);
    }
  }
}
