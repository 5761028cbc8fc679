package io.guardedjdbc.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What the benchmark's own thread used in one iteration, as JMH's secondary results. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.EVENTS)
public class Meter {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Calls of the benchmark's method; each adds one. */
  public long operations;

  /** Processor time of the thread, in nanoseconds. */
  public long cpuNanos;

  /** Bytes that the thread allocated. */
  public long bytes;

  private long bytesBefore;
  private long cpuBefore;

  /** To be called by the thread that runs the benchmark. JMH sets counters to zero by itself. */
  @Setup(Level.Iteration)
  public void begin() {
    bytesBefore = THREADS.getCurrentThreadAllocatedBytes();
    cpuBefore = THREADS.getCurrentThreadCpuTime();
  }

  /** Likewise. */
  @TearDown(Level.Iteration)
  public void end() {
    cpuNanos = THREADS.getCurrentThreadCpuTime() - cpuBefore;
    bytes = THREADS.getCurrentThreadAllocatedBytes() - bytesBefore;
  }
}
