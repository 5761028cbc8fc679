package io.guardedjdbc.jmh;

import com.p6spy.engine.spy.P6SpyDriver;
import io.guardedjdbc.GuardedDriver;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Properties;
import net.ttddyy.dsproxy.support.ProxyDataSourceBuilder;
import org.postgresql.ds.PGSimpleDataSource;

/** One way of reading the same database. Nobody logs, and nobody pools. */
enum Arm {
  PLAIN("pgjdbc") {
    @Override
    Connection connect(String server) throws SQLException {
      return open(new org.postgresql.Driver(), "jdbc:postgresql:" + server);
    }
  },
  PLAIN_AGAIN("pgjdbc again") {
    @Override
    Connection connect(String server) throws SQLException {
      return PLAIN.connect(server);
    }
  },
  LEASED("guarded, leased") {
    @Override
    Connection connect(String server) throws SQLException {
      return open(new GuardedDriver(), "jdbc:guarded:postgresql:" + server);
    }
  },
  ALWAYS("guarded, always") {
    @Override
    Connection connect(String server) throws SQLException {
      return open(
          new GuardedDriver(), "jdbc:guarded:postgresql:" + server + "&guard.validation=always");
    }
  },
  P6SPY("p6spy") {
    @Override
    Connection connect(String server) throws SQLException {
      // The proxies alone: with its default modules it writes a log file.
      System.setProperty("p6spy.config.modulelist", "com.p6spy.engine.spy.P6SpyFactory");
      return open(new P6SpyDriver(), "jdbc:p6spy:postgresql:" + server);
    }
  },
  DATASOURCE_PROXY("datasource-proxy") {
    @Override
    Connection connect(String server) throws SQLException {
      PGSimpleDataSource source = new PGSimpleDataSource();
      source.setUrl("jdbc:postgresql:" + server);
      return ProxyDataSourceBuilder.create(source).build().getConnection();
    }
  },
  AWS_NO_PLUGINS("AWS wrapper, no plugins") {
    @Override
    Connection connect(String server) throws SQLException {
      return open(
          new software.amazon.jdbc.Driver(),
          "jdbc:aws-wrapper:postgresql:" + server + "&wrapperPlugins=");
    }
  },
  AWS_DEFAULT("AWS wrapper, default") {
    @Override
    Connection connect(String server) throws SQLException {
      return open(new software.amazon.jdbc.Driver(), "jdbc:aws-wrapper:postgresql:" + server);
    }
  };

  final String title;

  Arm(String title) {
    this.title = title;
  }

  /**
   * Opens a connection.
   *
   * @param server what follows the prefix: host, port, database and user
   */
  abstract Connection connect(String server) throws SQLException;

  private static Connection open(Driver driver, String url) throws SQLException {
    return Objects.requireNonNull(driver.connect(url, new Properties()), url);
  }
}
